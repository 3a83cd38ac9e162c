"""The answers suite: search, answers and refusals over authored questions, through the pipeline that serves."""
