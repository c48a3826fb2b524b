"""A lake in S3, against a real server."""
