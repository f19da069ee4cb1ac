using Broker.Ledger.Storage;

namespace Broker.Ledger.Verification;

/// <summary>Compares the triggers that keep the tables append-only with those that the file has.</summary>
internal static class TriggerCheck
{
    public static void Run(SqliteDatabase database, Findings findings)
    {
        using var trigger = database.Prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?");
        foreach (var (name, sql) in SqliteLedgerSchema.Triggers)
        {
            trigger.Bind(1, name);
            var found = trigger.Step() ? trigger.Text(0) : null;
            trigger.Reset();
            if (found is null)
            {
                findings.Add(
                    FindingCode.TriggerMissing, $"the trigger {name} is gone: the file no longer refuses changes");
            }
            else if (found != sql)
            {
                findings.Add(FindingCode.TriggerMissing, $"the trigger {name} was replaced by another");
            }
        }
    }
}
