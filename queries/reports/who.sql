-- Who did what under each chain of roles, and how far that is proven.
-- grain: one row per actor (or claim), chain of roles and evidence grade
-- reads: attributed_events
-- Optional: $since (inclusive), $until (exclusive), $role (ARN, name or glob, anywhere in the
-- chain), $actor (name, ARN or display, or glob), $account (of the event or of the actor),
-- $service (`s3` or `s3.amazonaws.com`). Rows whose actor only claims to be $actor come too,
-- with `is_claim_only`, so that the report can count them; they are never that actor's.
-- Events are counted by action first, so that the lists cost by groups and not by events.
with selected as (
    select
        *,
        coalesce(
            $actor is null
            or lower(actor_name) glob lower($actor)
            or lower(actor_arn) glob lower($actor)
            or lower(actor_display) glob lower($actor),
            false
        ) as is_actor,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied
    from attributed_events
    where
        ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
        and (
            $account is null
            or recipient_account_id = $account
            or actor_account = $account
        )
        and (
            $service is null
            or event_source = lower($service)
            or event_source = lower($service) || '.amazonaws.com'
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
),

by_action as (
    select
        actor_kind,
        actor_account,
        actor_name,
        actor_display,
        claimed_actor,
        claim_source,
        chain,
        hops,
        evidence,
        not is_actor as is_claim_only,
        event_source,
        event_name,
        max(actor_arn) as arn,
        count(*) as event_count,
        count(*) filter (where is_denied) as denied_count,
        count(error_code) as failed_count,
        min(event_time) as first_time,
        max(event_time) as last_time,
        list(distinct recipient_account_id)
            filter (where recipient_account_id is not null) as accounts,
        list(distinct source_ip_address)
            filter (where source_ip_address is not null) as source_addresses,
        list(distinct session_id) filter (where session_id is not null) as sessions,
        list(distinct split_part(user_principal_id, ':', 2))
            filter (where user_type = 'AssumedRole') as session_names,
        list(distinct user_access_key_id)
            filter (where user_access_key_id like 'AKIA%') as long_term_keys
    from selected
    where
        is_actor
        or lower(claimed_actor) glob lower($actor)
    group by all
)

select
    actor_kind,
    actor_account,
    actor_name,
    max(arn) as actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    hops,
    evidence,
    is_claim_only,
    sum(event_count)::bigint as events,
    sum(denied_count)::bigint as denied,
    sum(failed_count)::bigint as failed,
    min(first_time) as first_time,
    max(last_time) as last_time,
    list_sort(list_distinct(flatten(list(accounts)))) as accounts,
    list(
        {
            'service': event_source,
            'action': event_name,
            'events': event_count,
            'denied': denied_count
        }
        order by event_count desc, event_source asc, event_name asc
    ) as actions,
    list(
        {'service': event_source, 'action': event_name, 'events': denied_count}
        order by denied_count desc, event_source asc, event_name asc
    ) filter (where denied_count > 0) as denied_actions,
    list_sort(list_distinct(flatten(list(source_addresses)))) as source_addresses,
    len(list_distinct(flatten(list(sessions)))) as session_count,
    list_sort(list_distinct(flatten(list(session_names)))) as session_names,
    list_sort(list_distinct(flatten(list(long_term_keys)))) as long_term_keys
from by_action
group by all
