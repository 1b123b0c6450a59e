"""The two gates: suites as data, evaluated by Great Expectations in DuckDB, results as counts. They judge and run nothing."""
