-- Every long-term credential that was used: by whom, from where, what for, and which roles were
-- reached from it through chains and what was done there.
-- grain: one row per long-term credential
-- reads: credential_changes, credential_uses
-- Optional: $since (inclusive), $until (exclusive): what is counted; $actor (owner: name, ARN or
-- display, or glob), $account (of the owner or of a call), $role (ARN, name or glob, anywhere in
-- a chain): which credentials are `is_wanted`. All credentials come, so that the reader knows
-- which were ever seen. `clients` has first_time over the whole lake: what is new is new
-- against all of it. `after_end`: calls more than a minute after the credential was disabled or
-- deleted (IAM is eventually consistent); those of its sessions, which go on, are told apart.
-- `retried_assumptions`: refused AssumeRole calls whose role opened to the credential within five
-- minutes, as one does that was just made; `denied_assumptions` are the others.
with uses as materialized (
    select
        credential_id,
        credential_kind,
        access_key_id,
        actor_kind,
        actor_account,
        actor_name,
        actor_arn,
        actor_display,
        chain,
        evidence,
        session_id,
        event_time,
        event_date,
        event_source,
        event_name,
        aws_region,
        source_ip_address,
        user_agent,
        recipient_account_id,
        with_mfa,
        is_administrative,
        is_own,
        vpc_endpoint_id is not null as is_private,
        case
            when is_own then 'own'
            when hops > 0 then 'role'
            when user_type = 'FederatedUser' then 'federated'
            else 'session'
        end as reached_kind,
        if(
            user_type = 'FederatedUser' and hops = 0, split_part(user_arn, '/', -1), null
        ) as federated_name,
        error_code is not null as is_failed,
        case
            when event_source = 'sts.amazonaws.com' and event_name = 'AssumeRole'
                then coalesce(
                    request_parameters ->> '$.roleArn',
                    nullif(regexp_extract(error_message, 'on resource: (\S+)', 1), '')
                )
        end as tried_role,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied,
        ($since is null or event_time >= $since) and ($until is null or event_time < $until)
            as is_counted
    from credential_uses
),

assumptions as (
    select
        credential_id,
        count(*) filter (where is_opened) as retried_assumptions,
        count(*) filter (where not is_opened) as denied_assumptions
    from (
        select
            *,
            tried_role is not null
            and count(*) filter (where not is_failed) over (
                partition by credential_id, tried_role
                order by event_time
                range between current row and interval 5 minutes following
            ) > 0 as is_opened
        from uses
        where is_own and event_name = 'AssumeRole'
    ) as a
    where is_counted and is_denied
    group by credential_id
),

credentials as (
    select
        credential_id,
        min(credential_kind) as credential_kind,
        min(access_key_id) as access_key_id,
        max(
            {
                'at': event_time,
                'kind': actor_kind,
                'account': actor_account,
                'name': actor_name,
                'arn': actor_arn,
                'display': actor_display
            }
        ) as owner,
        max(actor_arn) as any_arn,
        min(event_time) as first_seen,
        max(event_time) as last_seen,
        min(event_time) filter (where is_own) as own_first,
        max(event_time) filter (where is_own) as own_last,
        bool_or(
            ($account is null or recipient_account_id = $account or actor_account = $account)
        )
        and bool_or(
            $actor is null
            or coalesce(lower(actor_name) glob lower($actor), false)
            or coalesce(lower(actor_arn) glob lower($actor), false)
            or coalesce(lower(actor_display) glob lower($actor), false)
        )
        and bool_or(
            $role is null
            or len(
                list_filter(
                    chain,
                    lambda r: lower(r) glob lower($role)
                    or lower(regexp_extract(r, '[^/:]*$')) glob lower($role)
                )
            ) > 0
        ) as is_wanted,
        min(event_time) filter (where is_own and is_counted) as first_used,
        max(event_time) filter (where is_own and is_counted) as last_used,
        count(distinct event_date) filter (where is_own and is_counted) as days_used,
        count(*) filter (where is_own and is_counted) as events,
        count(*) filter (where is_own and is_counted and is_denied) as denied,
        count(*) filter (where is_own and is_counted and is_failed) as failed,
        count(*) filter (where is_counted and not with_mfa) as events_without_mfa,
        count(*) filter (where is_counted) as all_events,
        count(*) filter (
            where is_counted and event_name = 'ConsoleLogin' and not with_mfa
        ) as sign_ins_without_mfa,
        count(*) filter (where is_counted and event_name = 'ConsoleLogin') as sign_ins,
        count(*) filter (where is_counted and is_administrative) as administrative,
        count(*) filter (where is_counted and is_administrative and not with_mfa)
            as administrative_without_mfa,
        list_sort(list(distinct event_source) filter (where is_own and is_counted))
            as services,
        list_sort(list(distinct aws_region) filter (where is_own and is_counted)) as regions,
        list_sort(list(distinct recipient_account_id) filter (where is_counted)) as accounts
    from uses
    group by credential_id
),

by_action as (
    select
        credential_id,
        reached_kind,
        federated_name,
        chain,
        evidence,
        event_source,
        event_name,
        count(*) as event_count,
        count(*) filter (where is_denied) as denied_count,
        count(*) filter (where is_administrative) as administrative_count
    from uses
    where is_counted
    group by all
),

actions as (
    select
        credential_id,
        reached_kind,
        federated_name,
        chain,
        evidence,
        list(
            {
                'service': event_source,
                'action': event_name,
                'events': event_count,
                'denied': denied_count
            }
            order by event_count desc, event_source asc, event_name asc
        ) as actions
    from by_action
    group by all
),

administrative as (
    select
        credential_id,
        list(
            {
                'service': event_source,
                'action': event_name,
                'events': event_count,
                'denied': 0
            }
            order by event_count desc, event_source asc, event_name asc
        ) as administrative_actions
    from (
        select
            credential_id,
            event_source,
            event_name,
            sum(administrative_count)::bigint as event_count
        from by_action
        where administrative_count > 0
        group by all
    ) as a
    group by credential_id
),

chains as (
    select
        credential_id,
        reached_kind,
        federated_name,
        chain,
        evidence,
        count(distinct session_id) as sessions,
        count(*) as events,
        count(*) filter (where is_denied) as denied,
        count(*) filter (where is_administrative) as administrative,
        count(*) filter (where not with_mfa) as events_without_mfa,
        min(event_time) as first_time,
        max(event_time) as last_time,
        list_sort(list(distinct recipient_account_id)) as accounts,
        list_sort(list(distinct source_ip_address)) as source_addresses
    from uses
    where is_counted and not is_own
    group by all
),

reached as (
    select
        c.credential_id,
        list(
            {
                'reached_kind': c.reached_kind,
                'federated_name': c.federated_name,
                'chain': c.chain,
                'evidence': c.evidence,
                'sessions': c.sessions,
                'events': c.events,
                'denied': c.denied,
                'administrative': c.administrative,
                'events_without_mfa': c.events_without_mfa,
                'first_time': c.first_time,
                'last_time': c.last_time,
                'accounts': c.accounts,
                'source_addresses': c.source_addresses,
                'actions': a.actions
            }
            order by
                c.administrative desc,
                len(c.chain) asc,
                c.events desc,
                c.chain asc,
                c.reached_kind asc,
                c.federated_name asc,
                c.evidence asc
        ) as reached
    from chains as c
    inner join actions as a
        on
            c.credential_id = a.credential_id
            and c.reached_kind = a.reached_kind
            and c.federated_name is not distinct from a.federated_name
            and c.chain = a.chain
            and c.evidence = a.evidence
    group by c.credential_id
),

clients as (
    select
        credential_id,
        list(
            {
                'address': source_ip_address,
                'user_agent': user_agent,
                'is_private': is_private,
                'first_time': first_time,
                'last_time': last_time,
                'events': event_count
            }
            order by
                event_count desc,
                source_ip_address asc,
                user_agent asc,
                is_private asc
        ) as clients
    from (
        select
            credential_id,
            source_ip_address,
            user_agent,
            is_private,
            min(event_time) as first_time,
            max(event_time) as last_time,
            count(*) filter (where is_counted) as event_count
        from uses
        where is_own
        group by all
    ) as c
    group by credential_id
),

changes as (
    select
        credential_id,
        changed_at,
        min(change) as change
    from credential_changes
    where
        change in ('created', 'active', 'inactive', 'deleted')
        and credential_kind <> 'service-specific'
    group by credential_id, changed_at
),

ended as (
    select
        u.credential_id,
        u.event_time,
        u.is_own,
        u.is_counted
    from uses as u
    where
        u.credential_id in (
            select c.credential_id from changes as c
            where c.change in ('inactive', 'deleted')
        )
),

after_end as (
    select
        e.credential_id,
        count(*) filter (where e.is_own) as own_after_end,
        count(*) filter (where not e.is_own) as sessions_after_end,
        max(e.event_time) as last_after_end,
        max(c.changed_at) as ended_at,
        arg_max(c.change, (c.changed_at, c.change)) as end_change
    from ended as e
    asof inner join changes as c
        on e.credential_id = c.credential_id and e.event_time >= c.changed_at
    where
        c.change in ('inactive', 'deleted')
        and e.is_counted
        and e.event_time > c.changed_at + interval 1 minute
    group by e.credential_id
)

select
    c.* exclude (owner, any_arn),
    c.owner.kind as actor_kind,
    c.owner.account as actor_account,
    c.owner.name as actor_name,
    coalesce(c.owner.arn, c.any_arn) as actor_arn,
    c.owner.display as actor_display,
    coalesce(p.denied_assumptions, 0) as denied_assumptions,
    coalesce(p.retried_assumptions, 0) as retried_assumptions,
    o.actions,
    m.administrative_actions,
    r.reached,
    l.clients,
    e.own_after_end,
    e.sessions_after_end,
    e.last_after_end,
    e.ended_at,
    e.end_change
from credentials as c
left join assumptions as p on c.credential_id = p.credential_id
left join actions as o on c.credential_id = o.credential_id and o.reached_kind = 'own'
left join administrative as m on c.credential_id = m.credential_id
left join reached as r on c.credential_id = r.credential_id
left join clients as l on c.credential_id = l.credential_id
left join after_end as e on c.credential_id = e.credential_id
order by c.credential_id
