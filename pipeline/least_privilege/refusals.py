"""Which error codes say that a call was refused before it used a permission.

IAM refuses an action, or nobody who is known asks. Any other failure passed the check: so did a
call that was refused what it needs of another service, or by a service's own rules for its own
users. The codes are those of the services' models (botocore) and of EC2, S3 and STS's error pages.
"""

from __future__ import annotations

_IAM = (
    "access.?(denied|disabled)",
    "access.?forbidden",
    "unauthori[sz]ed",
    "not.?authori[sz]ed",
    "authori[sz]ation.?error",
    "^(authorization|auth)exception$",
    "forbidden",
)

_CREDENTIALS = (
    "auth.?failure",
    "expired.?token",
    "invalid.?client.?token",
    "invalid.?access.?key",
    "^(invalidsignature(exception)?|signaturedoesnotmatch|incompletesignature.*)$",
    "missing.?authentication",
    "opt.?in.?required",
    "request.?(expired|time.?too.?skewed)",
    "unauthenticated",
    "unrecogni[sz]ed.?client",
)

_ELSEWHERE = (
    r"^\S*(kms|encryption.?key|dependen)",
    "^(ec2|s3|loadurl|organization)access",
    "^accessdenied(fault|bymeta)",
    "^cloudtrailinvalid",
)
"""Another service, or a role that the called service wears, was refused: Lambda's role by KMS, the
caller by KMS behind Kinesis (KMS records that itself), DMS's role by the endpoint."""

_OF_THE_SERVICE = (
    "^(invalidclienttoken|optinrequired)exception",
    "^(opsitemaccess|serialconsoleaccess|unauthorizedpartner)",
    "^(not|un)authorizedexception cognito-",
    r"^expiredtokenexception (metering-?|\S+-)marketplace",
)
"""The service itself refused: the password or token of a user pool's user, a registration token, an
idempotency token, a feature that the account has not turned on. Behind a space the event source."""

REFUSED = "(?i)" + "|".join((*_IAM, *_CREDENTIALS))
"""Pattern of the error codes of a call that used nothing."""

PASSED = "(?i)" + "|".join((*_ELSEWHERE, *_OF_THE_SERVICE))
"""Pattern of those among them that passed the check: error code, space, event source."""
