"""What `make check` looks at besides tests: each step says what is wrong and what to do."""
