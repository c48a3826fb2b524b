-- Every access key (or none) seen in each session, with what one batch of events says of its
-- wearer. A session is a principal and the second its credentials were issued (semantics.md
-- 3.1); only temporary credentials make one. min/max rather than any value: never
-- order-dependent.
-- grain: one row per principal id, creation date and access key of one batch of events
-- reads: identified_events
select
    principal_id,
    creation_date,
    user_access_key_id as access_key_id,
    coalesce(creation_date, timestamptz '1970-01-01 00:00:00+00')::date as session_date,
    max(user_type) as user_type,
    max(user_account_id) as account_id,
    max(user_arn) as user_arn,
    max(user_name) as user_name,
    max(session_issuer_type) as issuer_type,
    max(session_issuer_arn) as issuer_arn,
    max(session_issuer_account_id) as issuer_account_id,
    max(session_issuer_user_name) as issuer_user_name,
    max(session_source_identity) as source_identity,
    min(session_source_identity) as least_source_identity,
    max(session_ec2_role_delivery) as ec2_role_delivery,
    coalesce(bool_or(session_assumed_root), false) as assumed_root,
    bool_or(session_mfa_authenticated) as mfa_authenticated,
    max(user_in_scope_of_issuer_type) as in_scope_of_issuer_type,
    max(user_in_scope_of_credentials_issued_to) as in_scope_of_issued_to,
    max(user_on_behalf_of_user_id) as on_behalf_of_user_id,
    min(user_on_behalf_of_user_id) as least_on_behalf_of_user_id,
    max(user_on_behalf_of_identity_store_arn) as on_behalf_of_identity_store_arn,
    max(session_sign_in_session_arn) as sign_in_session_arn,
    bool_and(user_invoked_by is not null) as only_forwarded,
    coalesce(
        bool_or(
            session_credential_from_console
            or (
                event_source = 'signin.amazonaws.com'
                and event_name in ('ConsoleLogin', 'SwitchRole', 'ExitRole', 'RenewRole')
            )
        ),
        false
    ) as from_console,
    bool_or(event_name = 'GetSigninToken') as asked_signin_token,
    bool_or(
        error_code is null
        and event_name <> 'GetCallerIdentity'
        and event_source not in ('iam.amazonaws.com', 's3.amazonaws.com', 'sqs.amazonaws.com')
    ) as beyond_root_tasks,
    min(event_time) as first_seen,
    max(event_time) as last_seen,
    count(*) as event_count,
    list_sort(list(distinct source_ip_address)) as source_ips
from identified_events
where
    user_type in ('AssumedRole', 'Role', 'FederatedUser', 'IAMUser', 'Root')
    and principal_id is not null
    and (creation_date is not null or user_access_key_id like 'ASIA%')
group by principal_id, creation_date, user_access_key_id
