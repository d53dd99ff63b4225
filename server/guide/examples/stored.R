# The answer to a stored query, as a data frame. Needs no packages.
address <- "http://127.0.0.1:8000/queries/maturity-ladder.csv?lang=en"
answer <- read.csv(url(address, encoding = "UTF-8"))
write.csv(answer, row.names = FALSE)
