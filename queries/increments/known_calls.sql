-- The issuing calls that may concern new events, of each only what tells which sessions it could
-- have made, and who made it: all since the horizon; of the older ones those that are tied to a
-- session by something else than time.
-- grain: one row per issuing call
-- reads: fresh_session_key_parts, older_calls, recent_calls, stored_session_keys
with timeless as (
    select access_key_id
    from fresh_session_key_parts
    where creation_date is null
    union all
    select access_key_id
    from stored_session_keys
    where session_date = date '1970-01-01'
)

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
    caller_is_vague,
    caller_principal_id,
    caller_creation_date,
    caller_access_key_id,
    caller_arn
from (
    select * from recent_calls
    union all by name
    select * from older_calls
    where
        issue_kind = 'oauth-token'
        or (caller_creation_date is null and caller_access_key_id like 'ASIA%')
        or access_key_id in (select t.access_key_id from timeless as t)
) as c
