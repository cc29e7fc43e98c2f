SHADOWED = "the code"
