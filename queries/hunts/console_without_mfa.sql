-- Console sign-ins of IAM users and root that succeeded without MFA.
-- grain: one row per user and account
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: high
-- technique: T1078.004
-- blind spots: Only IAM users and root: MFA of SAML and Identity Center users happens at their
-- provider and is not in CloudTrail. Sign-ins are recorded in the region that served them.
-- reads: attributed_events
select
    actor_kind,
    actor_account,
    actor_name,
    actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence,
    recipient_account_id as account_id,
    min(event_time) as first_time,
    max(event_time) as last_time,
    count(*) as sign_ins,
    coalesce(
        list_sort(list(distinct source_ip_address) filter (where source_ip_address is not null)),
        []
    ) as source_addresses,
    list_sort(list(distinct user_agent) filter (where user_agent is not null)) as user_agents,
    list_sort(list(distinct session_id) filter (where session_id is not null)) as session_ids,
    arg_min(event_id, (event_time, event_id)) as event_id,
    list(event_id order by event_time, event_id) as event_ids
from attributed_events
where
    event_source = 'signin.amazonaws.com'
    and event_name = 'ConsoleLogin'
    and user_type in ('IAMUser', 'Root')
    and error_message is null
    and (response_elements ->> '$.ConsoleLogin') = 'Success'
    and lower(additional_event_data ->> '$.MFAUsed') = 'no'
    and ($since is null or event_time >= $since)
    and ($until is null or event_time < $until)
group by
    actor_kind,
    actor_account,
    actor_name,
    actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence,
    recipient_account_id
order by first_time, event_id
