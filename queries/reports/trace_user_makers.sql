-- The successful calls that made an IAM user or gave him a password, and who made them.
-- grain: one row per call
-- reads: attributed_events
-- $users (list of `account/user name`).
select
    event_id,
    event_time,
    event_name,
    recipient_account_id || '/' || json_extract_string(request_parameters, '$.userName') as user_id,
    json_extract_string(response_elements, '$.user.userId') as principal_id,
    session_id,
    if(user_access_key_id like 'AKIA%', user_access_key_id, null) as access_key_id,
    actor_kind,
    actor_account,
    actor_name,
    actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence
from attributed_events
where
    event_source = 'iam.amazonaws.com'
    and event_name in ('CreateUser', 'CreateLoginProfile', 'UpdateLoginProfile')
    and error_code is null
    and lower(
        recipient_account_id || '/' || json_extract_string(request_parameters, '$.userName')
    ) in (select lower(unnest($users)))
order by event_time, event_id
