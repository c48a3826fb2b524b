-- Sessions of an instance that were used from two public addresses: its credentials may have
-- been taken away.
-- grain: one row per session of an instance
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: high
-- technique: T1552.005
-- blind spots: A thief behind the same NAT, on another instance of the same VPC, or behind a VPC
-- endpoint shows no second public address. An instance whose address changed (Elastic IP, a NAT
-- of several addresses) is found too. IPv4 and IPv6 are counted apart.
-- reads: attributed_events
with calls as (
    select
        *,
        contains(source_ip_address, ':') as is_six
    from attributed_events
    where
        session_id is not null
        and user_type = 'AssumedRole'
        and (session_ec2_role_delivery is not null or user_principal_id like '%:i-%')
        and user_invoked_by is null
        and vpc_endpoint_id is null
        and regexp_full_match(source_ip_address, '[0-9]+[.][0-9.]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*')
        and not regexp_matches(
            source_ip_address,
            '^(10|127|169[.]254|192[.]168|172[.](1[6-9]|2\d|3[01])'
            || '|100[.](6[4-9]|[7-9]\d|1[01]\d|12[0-7]))[.]'
        )
        and not regexp_matches(source_ip_address, '^(?i)(f[cd]|fe80)')
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
),

by_address as (
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
        session_id,
        recipient_account_id as account_id,
        split_part(user_principal_id, ':', 2) as instance,
        source_ip_address,
        is_six,
        count(*) as calls,
        min(event_time) as first_seen,
        max(event_time) as last_seen,
        arg_min(event_id, (event_time, event_id)) as first_event_id
    from calls
    group by all
),

merged as (
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
        session_id,
        account_id,
        instance,
        min(first_seen) as first_time,
        max(last_seen) as last_time,
        sum(calls)::bigint as events,
        count(distinct source_ip_address) filter (where is_six) as six,
        count(distinct source_ip_address) filter (where not is_six) as four,
        list(source_ip_address order by first_seen, source_ip_address) as source_addresses,
        list(first_event_id order by first_seen, source_ip_address) as event_ids
    from by_address
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
        session_id,
        account_id,
        instance
)

select
    * exclude (six, four, event_ids),
    event_ids[2] as event_id,
    event_ids
from merged
where six > 1 or four > 1
order by first_time, event_id
