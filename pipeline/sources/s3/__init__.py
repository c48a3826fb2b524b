"""CloudTrail in S3: the layout of a bucket, and how to list and fetch what is in it.

`source` is what to call. It imports boto3 and obstore, which take a tenth of a second, so it is
imported where S3 is read and not before.
"""
