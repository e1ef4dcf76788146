//! Other Microsoft logs that are mistaken for the audit log; a file of one is refused as a whole,
//! by name.

use super::record::Record;

/// Changes to Azure resources.
const ACTIVITY: &str = "Azure's activity log (what was done to resources), not Entra's or B2C's \
     audit or sign-in log; export AuditLogs or SignInLogs";
const UNIFIED: &str = "Microsoft 365's unified audit log (Purview), not Entra's or B2C's audit or \
     sign-in log; export AuditLogs or SignInLogs from Entra";
/// Steps of sign-ins, a separate download of the portal.
const STEPS: &str = "the steps of sign-ins (AuthDetails), which name no user; import the file of \
                     sign-ins that the portal downloads with it";

/// Columns that only one log has, and the log.
const TABLES: &[(&[&str], &str)] = &[
    (&["auditdata", "operations"], UNIFIED),
    (&["auditdata", "operation"], UNIFIED),
    (&["event initiated by", "resource group"], ACTIVITY),
    (&["resourceprovidervalue", "operationnamevalue"], ACTIVITY),
    (&["request id", "authentication method", "result detail"], STEPS),
];

/// The other log that a table's header belongs to.
pub fn other_table(header: &str) -> Option<&'static str> {
    let names: Vec<String> = header
        .split([',', ';', '\t'])
        .map(|name| name.trim().trim_matches('"').trim().to_ascii_lowercase())
        .collect();
    let has = |wanted: &&str| names.iter().any(|name| name == wanted);
    TABLES.iter().find(|(wanted, _)| wanted.iter().all(&has)).map(|(_, log)| *log)
}

impl Record<'_> {
    /// The other log that the record belongs to.
    pub fn other_log(&self) -> Option<&'static str> {
        if self.unified {
            return Some(UNIFIED);
        }
        // `MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE`: an operation on a resource.
        let operation = self.operation.given()?;
        let resource = operation.get(..10).is_some_and(|it| it.eq_ignore_ascii_case("microsoft."));
        (resource && operation.contains('/')).then_some(ACTIVITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_told_by_what_only_they_have() {
        for (header, log) in [
            ("CreationDate,UserIds,Operations,AuditData", Some(UNIFIED)),
            ("\"RecordId\",\"CreationDate\",\"Operation\",\"AuditData\"", Some(UNIFIED)),
            (
                "Correlation id,Operation name,Status,Event initiated by,Resource group",
                Some(ACTIVITY),
            ),
            ("Date (UTC);Request ID;Authentication method;Result detail", Some(STEPS)),
            ("TimeGenerated,OperationName", None),
            ("a,b", None),
        ] {
            assert_eq!(other_table(header), log, "{header}");
        }
        for (json, log) in [
            (r#"{"operationName":"MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE"}"#, Some(ACTIVITY)),
            (
                r#"{"operationName":{"value":"Microsoft.Web/sites/read","localizedValue":"x"}}"#,
                Some(ACTIVITY),
            ),
            (
                r#"{"CreationTime":"2026-11-20T09:00:00","Workload":"AzureActiveDirectory"}"#,
                Some(UNIFIED),
            ),
            (r#"{"operationName":"Update user"}"#, None),
            (r#"{"operationName":"Microsoft.com was added"}"#, None),
        ] {
            assert_eq!(
                serde_json::from_str::<Record<'_>>(json).unwrap().other_log(),
                log,
                "{json}"
            );
        }
    }
}
