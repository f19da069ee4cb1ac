namespace Broker.Ledger.Verification;

/// <summary>
/// Collects what is wrong; keeps the first hundred and counts the rest, for a file may be wrong all over.
/// </summary>
internal sealed class Findings
{
    private const int MaxListed = 100;

    private readonly List<LedgerFinding> _listed = [];

    public IReadOnlyList<LedgerFinding> Listed => _listed;

    public long More { get; private set; }

    public void Add(string code, string message, long? row = null) => Add(new LedgerFinding(code, message, row));

    public void Add(LedgerFinding finding)
    {
        if (_listed.Count < MaxListed) _listed.Add(finding);
        else More++;
    }
}
