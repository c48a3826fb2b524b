-- Who called STS for each role with success: what principals of a trust policy are held against.
-- grain: one row per role and kind of caller (all sessions of one calling role are one)
-- reads: issued_credentials
-- Optional: $since (inclusive), $until (exclusive) bound `calls`; `last_time` is of all time.
-- `caller_arn` of a role's session ends with the role's name; it is null where the record names
-- only the caller's account.
select
    role_arn,
    caller_type,
    caller_account_id,
    regexp_replace(caller_arn, '^(arn:[^:]*:sts:.*:assumed-role/[^/]+)/.*$', '\1')
        as caller_role_arn,
    if(caller_role_arn = caller_arn, null, caller_arn) as caller_session_arn,
    regexp_extract(caller_principal_id, '^A[A-Z]{3}[A-Z0-9]{12,}') as caller_id,
    caller_invoked_by,
    caller_identity_provider,
    count(*) filter (
        where
        ($since is null or issued_at >= $since)
        and ($until is null or issued_at < $until)
    ) as calls,
    max(issued_at) as last_time
from issued_credentials
where issue_kind = 'role' and role_arn is not null
group by all
order by all
