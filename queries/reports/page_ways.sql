-- Who wore which hats: each actor's ways through roles, with what was done, where and when,
-- summarised to what a person can look at.
-- grain: one row per actor, chain of roles and evidence grade
-- reads: attributed_events
-- Optional: $since (inclusive), $until (exclusive). $new_since: a way first seen since then is
-- new; `first_ever` looks at all of the lake. All that is unresolved is one actor, with its claims.
-- $actor_limit people and $machine_limit machines at most, $way_limit ways of each, $row_limit of
-- all, $list_limit items of each list ($account_limit accounts): what is unresolved first, then new
-- ones, then those with denied calls, then by events. `of` beside an item counts the whole list,
-- `actor_ways` all ways of the actor. `times` counts calls in steps of `step_minutes`, chosen so
-- that an actor's whole time is at most 96 steps; `at` is in minutes since 1970. Events are matched
-- to a way by a number, found once: the lists are then cheap.
with selected as materialized (
    select
        actor_kind,
        if(actor_kind = 'unresolved', null, actor_account) as actor_account,
        if(actor_kind = 'unresolved', null, actor_name) as actor_name,
        if(actor_kind = 'unresolved', null, actor_display) as actor_display,
        actor_arn,
        claimed_actor,
        claim_source,
        chain,
        evidence,
        event_source,
        event_name,
        event_time,
        recipient_account_id,
        source_ip_address,
        session_id,
        if(user_type = 'AssumedRole', split_part(user_principal_id, ':', 2), null)
            as session_name,
        not coalesce(read_only, false) as is_write,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied,
        $since is null or event_time >= $since as in_window
    from attributed_events
    where $until is null or event_time < $until
),

ways as (
    select
        actor_kind,
        actor_account,
        actor_name,
        actor_display,
        chain,
        evidence,
        actor_kind in ('workload', 'aws-service') as is_machine,
        max(actor_arn) as actor_arn,
        count(*) filter (in_window) as events,
        count(*) filter (in_window and is_denied) as denied,
        count(*) filter (in_window and is_write) as writes,
        count(distinct session_id) filter (in_window) as session_count,
        min(event_time) filter (in_window) as first_time,
        max(event_time) filter (in_window) as last_time,
        min(event_time) as first_ever,
        min(event_time) >= $new_since as is_new
    from selected
    group by actor_kind, actor_account, actor_name, actor_display, chain, evidence
    having count(*) filter (in_window) > 0
),

actors as (
    select
        actor_kind,
        actor_account,
        actor_name,
        actor_display,
        is_machine,
        bool_or(is_new) as is_new,
        sum(denied) as denied,
        sum(events) as events,
        count(*) as actor_ways
    from ways
    group by actor_kind, actor_account, actor_name, actor_display, is_machine
),

ranked_actors as (
    select
        *,
        row_number() over (
            partition by is_machine
            order by
                actor_kind = 'unresolved' desc,
                is_new desc,
                denied > 0 desc,
                events desc,
                actor_kind asc,
                actor_account asc,
                actor_name asc,
                actor_display asc
        ) as actor_rank
    from actors
),

ranked_ways as (
    select
        w.*,
        a.actor_rank,
        a.actor_ways,
        row_number() over (
            partition by w.is_machine, a.actor_rank
            order by w.is_new desc, w.denied > 0 desc, w.events desc, w.chain asc, w.evidence asc
        ) as way_rank
    from ways as w
    inner join ranked_actors as a
        on
            w.actor_kind = a.actor_kind
            and w.actor_account is not distinct from a.actor_account
            and w.actor_name is not distinct from a.actor_name
            and w.actor_display is not distinct from a.actor_display
    where a.actor_rank <= if(w.is_machine, $machine_limit, $actor_limit)
),

kept as materialized (
    select
        *,
        row_number() over (order by is_machine, actor_rank, way_rank) as way_id
    from ranked_ways
    where way_rank <= $way_limit
    qualify row_number() over (order by way_rank, is_machine, actor_rank) <= $row_limit
),

calls as materialized (
    select
        w.way_id,
        w.is_machine,
        w.actor_rank,
        s.event_source,
        s.event_name,
        s.recipient_account_id,
        s.source_ip_address,
        s.session_name,
        s.claimed_actor,
        s.claim_source,
        s.is_denied,
        epoch(s.event_time)::bigint // 60 as minute
    from selected as s
    inner join kept as w
        on
            s.actor_kind = w.actor_kind
            and s.actor_account is not distinct from w.actor_account
            and s.actor_name is not distinct from w.actor_name
            and s.actor_display is not distinct from w.actor_display
            and s.chain = w.chain
            and s.evidence = w.evidence
    where s.in_window
),

items as (
    select
        way_id,
        'account' as kind,
        recipient_account_id as item,
        count(*) as events,
        count(*) filter (is_denied) as denied
    from calls
    group by way_id, recipient_account_id
    union all
    select
        way_id,
        'address' as kind,
        source_ip_address as item,
        count(*) as events,
        count(*) filter (is_denied) as denied
    from calls
    group by way_id, source_ip_address
    union all
    select
        way_id,
        'session' as kind,
        session_name as item,
        count(*) as events,
        count(*) filter (is_denied) as denied
    from calls
    group by way_id, session_name
    union all
    select
        way_id,
        'claim' as kind,
        claim_source || ':' || claimed_actor as item,
        count(*) as events,
        count(*) filter (is_denied) as denied
    from calls
    group by way_id, claim_source, claimed_actor
    union all
    select
        way_id,
        'call' as kind,
        event_source || ':' || event_name as item,
        count(*) as events,
        count(*) filter (is_denied) as denied
    from calls
    group by way_id, event_source, event_name
),

ranked_items as (
    select
        *,
        row_number() over (
            partition by way_id, kind
            order by events desc, item asc
        ) as item_rank,
        count(*) over (partition by way_id, kind) as item_count
    from items
    where item is not null
),

lists as (
    select
        way_id,
        list(
            {
                'kind': kind,
                'item': item,
                'events': events,
                'denied': denied,
                'of': item_count
            }
            order by kind asc, item_rank asc
        ) as items
    from ranked_items
    where item_rank <= if(kind = 'account', $account_limit, $list_limit)
    group by way_id
),

spans as (
    select
        is_machine,
        actor_rank,
        max(minute) - min(minute) as minutes,
        list_filter(
            [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 43200, 525600],
            lambda s: minutes / s < 95
        )[1] as step_minutes
    from calls
    group by is_machine, actor_rank
),

steps as (
    select
        c.way_id,
        p.step_minutes,
        c.minute // p.step_minutes * p.step_minutes as step_at,
        count(*) as events,
        count(*) filter (c.is_denied) as denied
    from calls as c
    inner join spans as p on c.is_machine = p.is_machine and c.actor_rank = p.actor_rank
    group by c.way_id, p.step_minutes, step_at
),

times as (
    select
        way_id,
        step_minutes,
        list({'at': step_at, 'events': events, 'denied': denied} order by step_at asc) as times
    from steps
    group by way_id, step_minutes
)

select
    w.actor_kind,
    w.actor_account,
    w.actor_name,
    w.actor_display,
    w.actor_arn,
    w.actor_rank,
    w.actor_ways,
    w.chain,
    w.evidence,
    w.events,
    w.denied,
    w.writes,
    w.session_count,
    w.first_time,
    w.last_time,
    w.first_ever,
    w.is_new,
    coalesce(i.items, []) as items,
    t.step_minutes,
    t.times
from kept as w
inner join times as t on w.way_id = t.way_id
left join lists as i on w.way_id = i.way_id
order by w.way_id
