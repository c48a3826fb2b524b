-- Calls made with short-term API keys (of Bedrock): bearer tokens of role sessions, which live as
-- long as the session, 12 hours at most (semantics.md 7). An IAM user's bearer token is taken for
-- a long-term key: the log does not tell the two apart.
-- grain: one row per actor (or claim), chain of roles and evidence grade
-- reads: attributed_events
-- Optional: $since (inclusive), $until (exclusive), $actor (name, ARN or display, or glob),
-- $account (of the event or of the actor), $role (ARN, name or glob, anywhere in the chain).
select
    actor_kind,
    actor_account,
    actor_name,
    max(actor_arn) as actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence,
    count(*) as events,
    min(event_time) as first_time,
    max(event_time) as last_time,
    list_sort(list(distinct event_source)) as services,
    list_sort(list(distinct source_ip_address)) as source_addresses
from attributed_events
where
    contains(additional_event_data, '"callWithBearerToken"')
    and (additional_event_data ->> '$.callWithBearerToken') = 'true'
    and user_type <> 'IAMUser'
    and ($since is null or event_time >= $since)
    and ($until is null or event_time < $until)
    and ($account is null or recipient_account_id = $account or actor_account = $account)
    and (
        $actor is null
        or lower(actor_name) glob lower($actor)
        or lower(actor_arn) glob lower($actor)
        or lower(actor_display) glob lower($actor)
    )
    and (
        $role is null
        or len(
            list_filter(
                chain,
                lambda r: lower(r) glob lower($role)
                or lower(regexp_extract(r, '[^/:]*$')) glob lower($role)
            )
        ) > 0
    )
group by all
order by events desc, actor_kind, actor_account, actor_name, chain, evidence
