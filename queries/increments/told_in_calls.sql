-- Facts that issuing calls tell, each of which may be the first of its kind: somebody of one
-- account put on a role of another.
-- grain: one row per fact and call that tells it
-- reads: told_calls
with entered as (
    select
        caller_account_id as from_account_id,
        regexp_extract(role_arn, '^arn:[^:]*:iam::(\d{12}):', 1) as account_id,
        event_ids[1] as event_id,
        issued_at as first_time,
        role_arn
    from told_calls
    where
        caller_type in ('IAMUser', 'AssumedRole', 'Role', 'Root', 'FederatedUser', 'AWSAccount')
        and regexp_full_match(caller_account_id, '\d{12}')
)

select
    substr(md5('account-crossing|' || from_account_id || '|' || account_id), 1, 16) as fact_id,
    'account-crossing' as kind,
    'direct' as evidence,
    role_arn,
    account_id,
    from_account_id,
    event_id,
    first_time
from entered
where account_id <> '' and account_id <> from_account_id
