-- Every issuing call, of each only what tells which sessions it could have made, and who made it.
-- grain: one row per issuing call
-- reads: issued_credentials
select
    issue_id,
    call_id,
    issued_at,
    expires_at,
    issue_kind,
    access_key_id,
    principal_id,
    role_arn,
    session_name,
    session_arn,
    sign_in_session_arn,
    caller_is_thin,
    caller_type,
    caller_principal_id,
    caller_creation_date,
    caller_access_key_id,
    caller_arn
from issued_credentials
