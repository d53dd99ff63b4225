download.file("http://127.0.0.1:8000/downloads/latest/praksisgrafen.nt", "praksisgrafen.nt", quiet = TRUE)
cat(length(readLines("praksisgrafen.nt")), "statements\n")
