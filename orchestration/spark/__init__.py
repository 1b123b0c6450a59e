"""The models on Spark: the same compiled SQL in another dialect."""
