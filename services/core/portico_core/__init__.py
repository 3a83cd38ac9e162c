"""The vocabulary of Portico: values every service shares, without I/O and without third-party code but pydantic."""
