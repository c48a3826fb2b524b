-- Who did what under each chain of roles, and how far that is proven.
-- grain: one row per actor (or claim), chain of roles and evidence grade
-- reads: attributed_events
-- $since time: events from this time on.
-- $until time: events before this time.
-- $role text: a role anywhere in the chain: ARN, name or pattern.
-- $actor text: who: name, ARN, display name or pattern.
-- $account account: of the event or of the actor.
-- $service text: `s3` or `s3.amazonaws.com`.
--
-- Rows whose actor only claims to be $actor come too, with `is_claim_only`, so that the report can
-- count them; they are never that actor's.
-- The lists cost by actor, the counts by action: two passes over the few columns they need.
with selected as materialized (
    select
        actor_kind,
        actor_account,
        actor_name,
        actor_arn,
        actor_display,
        claimed_actor,
        claim_source,
        chain,
        hops,
        evidence,
        event_source,
        event_name,
        event_time,
        error_code,
        recipient_account_id,
        source_ip_address,
        session_id,
        if(user_type = 'AssumedRole', split_part(user_principal_id, ':', 2), null)
            as session_name,
        if(user_access_key_id like 'AKIA%', user_access_key_id, null) as long_term_key,
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
        and coalesce(is_actor or lower(claimed_actor) glob lower($actor), is_actor)
),

by_actor as (
    select
        actor_kind,
        actor_account,
        actor_name,
        max(actor_arn) as actor_arn,
        actor_display,
        claimed_actor,
        claim_source,
        chain,
        hops,
        evidence,
        not is_actor as is_claim_only,
        count(*) as events,
        count(*) filter (where is_denied) as denied,
        count(error_code) as failed,
        min(event_time) as first_time,
        max(event_time) as last_time,
        list_sort(
            list(distinct recipient_account_id) filter (where recipient_account_id is not null)
        ) as accounts,
        list_sort(
            list(distinct source_ip_address) filter (where source_ip_address is not null)
        ) as source_addresses,
        count(distinct session_id) as session_count,
        list_sort(list(distinct session_name) filter (where session_name is not null))
            as session_names,
        list_sort(list(distinct long_term_key) filter (where long_term_key is not null))
            as long_term_keys,
        list_sort(
            list(distinct session_id) filter (actor_kind = 'workload' and session_id is not null)
        ) as workload_sessions
    from selected
    group by all
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
        evidence,
        not is_actor as is_claim_only,
        event_source,
        event_name,
        count(*) as event_count,
        count(*) filter (where is_denied) as denied_count
    from selected
    group by all
),

actions as (
    select
        actor_kind,
        actor_account,
        actor_name,
        actor_display,
        claimed_actor,
        claim_source,
        chain,
        evidence,
        is_claim_only,
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
        ) filter (where denied_count > 0) as denied_actions
    from by_action
    group by all
)

select
    w.actor_kind,
    w.actor_account,
    w.actor_name,
    w.actor_arn,
    w.actor_display,
    w.claimed_actor,
    w.claim_source,
    w.chain,
    w.hops,
    w.evidence,
    w.is_claim_only,
    w.events,
    w.denied,
    w.failed,
    w.first_time,
    w.last_time,
    coalesce(w.accounts, []) as accounts,
    a.actions,
    a.denied_actions,
    coalesce(w.source_addresses, []) as source_addresses,
    w.session_count,
    coalesce(w.session_names, []) as session_names,
    coalesce(w.long_term_keys, []) as long_term_keys,
    coalesce(w.workload_sessions, []) as workload_sessions
from by_actor as w
inner join actions as a
    on
        w.actor_kind = a.actor_kind
        and w.actor_account is not distinct from a.actor_account
        and w.actor_name is not distinct from a.actor_name
        and w.actor_display is not distinct from a.actor_display
        and w.claimed_actor is not distinct from a.claimed_actor
        and w.claim_source is not distinct from a.claim_source
        and w.chain = a.chain
        and w.evidence = a.evidence
        and w.is_claim_only = a.is_claim_only
