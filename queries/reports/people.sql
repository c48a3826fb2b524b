-- Each person (or outside account): every hat worn, from where, with which tools, with MFA or not.
-- grain: one row per person and hat (chain of roles; the bare self is the empty chain) and evidence
-- reads: attributed_events, sessions
-- Optional: $since (inclusive), $until (exclusive), $actor (name, ARN or display, or glob), $role
-- (ARN, name or glob, anywhere in the chain), $account (of the event or of the actor).
-- `with_mfa`, `without_mfa` and `mfa_unknown` count calls, without the role owners' copies, and are
-- of IAM users and roots: a session's mark, or a sign-in's; a long-term key has no MFA. Of others
-- CloudTrail always says false (semantics.md 1.2), so that it is unknown. The user agent, and with
-- it the tool, is chosen by the caller.
with selected as (
    select
        e.actor_kind,
        e.actor_account,
        e.actor_name,
        e.actor_arn,
        e.actor_display,
        e.chain,
        e.evidence,
        e.event_time,
        e.recipient_account_id,
        e.source_ip_address,
        e.user_agent,
        e.user_type,
        e.session_id,
        coalesce(
            regexp_matches(
                e.error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied,
        case
            when e.user_invoked_by is not null or e.source_ip_address like '%.amazonaws.com'
                then 'service on behalf'
            when
                e.session_credential_from_console
                or e.event_source = 'signin.amazonaws.com'
                or e.user_agent similar to '(?i).*(Mozilla/|console|signin\.).*'
                then 'console'
            when e.user_agent similar to '(?i).*(Terraform|OpenTofu).*' then 'Terraform'
            when e.user_agent similar to '(?i).*(aws-cdk|CloudFormation).*' then 'CDK'
            when e.user_agent similar to '(?i).*aws-cli.*' then 'CLI'
            when
                e.user_agent similar to '(?i).*(boto3|botocore|aws-sdk|aws-internal|APN/).*'
                then 'SDK'
            else 'other'
        end as tool,
        case
            when e.actor_kind not in ('iam-user', 'root') then null
            when e.event_name = 'ConsoleLogin'
                then (e.additional_event_data ->> '$.MFAUsed') = 'Yes'
            when e.session_id is not null then s.root_mfa
            when e.user_access_key_id like 'AKIA%' then false
            else e.session_mfa_authenticated
        end as has_mfa
    from attributed_events as e
    left join sessions as s on e.session_id = s.session_id
    where
        e.actor_kind not in ('unresolved', 'workload', 'aws-service')
        and ($since is null or e.event_time >= $since)
        and ($until is null or e.event_time < $until)
        and (
            $actor is null
            or lower(e.actor_name) glob lower($actor)
            or lower(e.actor_arn) glob lower($actor)
            or lower(e.actor_display) glob lower($actor)
        )
        and ($account is null or e.recipient_account_id = $account or e.actor_account = $account)
        and (
            $role is null
            or len(
                list_filter(
                    e.chain,
                    lambda r: lower(r) glob lower($role)
                    or lower(regexp_extract(r, '[^/:]*$')) glob lower($role)
                )
            ) > 0
        )
)

select
    actor_kind,
    actor_account,
    actor_name,
    max(actor_arn) as actor_arn,
    list_sort(list(distinct actor_display) filter (where actor_display is not null)) as displays,
    chain,
    evidence,
    count(*) as events,
    count(*) filter (where is_denied) as denied,
    count(distinct session_id) as sessions,
    list_sort(list(distinct event_time::date)) as days,
    min(event_time) as first_time,
    max(event_time) as last_time,
    count(*) filter (where has_mfa) as with_mfa,
    count(*) filter (where not has_mfa) as without_mfa,
    count(*) filter (where has_mfa is null and user_type is distinct from 'AWSAccount')
        as mfa_unknown,
    arg_max(session_id, (event_time, session_id)) as last_session_id,
    list_sort(
        list(distinct recipient_account_id) filter (where recipient_account_id is not null)
    ) as accounts,
    map_entries(histogram(source_ip_address) filter (where source_ip_address is not null))
        as source_addresses,
    map_entries(histogram(user_agent) filter (where user_agent is not null)) as user_agents,
    map_entries(histogram(tool)) as tools
from selected
group by actor_kind, actor_account, actor_name, chain, evidence
order by
    actor_kind asc, actor_account asc, actor_name asc, len(chain) asc, chain asc, evidence asc
