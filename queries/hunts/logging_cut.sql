-- Who stopped, cut or deleted logs and detectors, or was refused it.
-- grain: one row per actor, chain of roles, session and account
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: high
-- technique: T1562.008
-- blind spots: Not every update of a trail or detector takes something away: `rolecall show` has
-- its parameters. Objects deleted from the trail's bucket, and lifecycle rules on it, are not
-- looked at. What happened while nothing was logged is nowhere; `rolecall query gaps` tells silent
-- days.
-- reads: attributed_events
with cuts as (
    select
        *,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied
    from attributed_events
    where
        (
            (
                event_source = 'cloudtrail.amazonaws.com'
                and event_name in (
                    'StopLogging',
                    'DeleteTrail',
                    'UpdateTrail',
                    'PutEventSelectors',
                    'StopEventDataStoreIngestion',
                    'DeleteEventDataStore',
                    'DeregisterOrganizationDelegatedAdmin'
                )
            )
            or (
                event_source = 'config.amazonaws.com'
                and event_name in (
                    'StopConfigurationRecorder',
                    'DeleteConfigurationRecorder',
                    'DeleteDeliveryChannel'
                )
            )
            or (
                event_source = 'guardduty.amazonaws.com'
                and event_name in (
                    'DeleteDetector',
                    'UpdateDetector',
                    'DisassociateFromAdministratorAccount',
                    'DisassociateFromMasterAccount',
                    'StopMonitoringMembers'
                )
            )
            or (
                event_source = 'securityhub.amazonaws.com'
                and event_name in ('DisableSecurityHub')
            )
            or (
                event_source = 'access-analyzer.amazonaws.com'
                and event_name in ('DeleteAnalyzer')
            )
            or (
                event_source = 'ec2.amazonaws.com'
                and event_name in ('DeleteFlowLogs')
            )
            or (
                event_source = 'logs.amazonaws.com'
                and event_name in ('DeleteLogGroup', 'DeleteLogStream')
            )
            or (
                event_source = 'wafv2.amazonaws.com'
                and event_name in ('DeleteLoggingConfiguration')
            )
            or (
                event_source = 'route53resolver.amazonaws.com'
                and event_name in ('DeleteResolverQueryLogConfig')
            )
        )
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
),

by_action as (
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
        event_source,
        event_name,
        count(*) as event_count,
        count(*) filter (where is_denied) as denied_count,
        min(event_time) as first_seen,
        max(event_time) as last_seen,
        list(distinct source_ip_address) filter (where source_ip_address is not null)
            as addresses,
        arg_min(event_id, (event_time, event_id)) as first_event_id
    from cuts
    group by all
)

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
    min(first_seen) as first_time,
    max(last_seen) as last_time,
    sum(event_count)::bigint as events,
    sum(denied_count)::bigint as denied,
    list(
        {
            'service': event_source,
            'action': event_name,
            'events': event_count,
            'denied': denied_count
        }
        order by event_count desc, event_source asc, event_name asc
    ) as actions,
    coalesce(list_sort(list_distinct(flatten(list(addresses)))), []) as source_addresses,
    arg_min(first_event_id, (first_seen, first_event_id)) as event_id
from by_action
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
    account_id
order by first_time, event_id
