# What the graph says of one finding, as a table.
address <- "http://127.0.0.1:8000/id/finding/ladder-bodies-municipalities-article-2020.csv"
finding <- read.csv(address, encoding = "UTF-8")
print(finding[grepl("#prefLabel$", finding$property), c("language", "value")])
