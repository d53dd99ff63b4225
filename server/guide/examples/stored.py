"""The answer to a stored query, as a data frame."""

import pandas as pd

answer = pd.read_csv("http://127.0.0.1:8000/queries/maturity-ladder.csv?lang=en")
print(answer.to_csv(index=False))
