# The graph as it stood in a version.
address <- "http://127.0.0.1:8000/id/finding/ladder-bodies-municipalities-article-2020.csv"
sent <- grep("^praksisgrafen-version:", curlGetHeaders(address), ignore.case = TRUE, value = TRUE)
version <- trimws(sub("^[^:]*:", "", sent))

# This address gives the same answer for as long as the version is kept.
cat("Version", version, "\n")
finding <- read.csv(paste0(address, "?version=", version), encoding = "UTF-8")
print(finding[grepl("#prefLabel$", finding$property), c("language", "value")])
