NAME = "the first plugin"
