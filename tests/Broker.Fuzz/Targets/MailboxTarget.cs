using System.Text;
using Broker.Identity;

namespace Broker.Fuzz.Targets;

/// <summary>
/// Mailboxes: what is accepted is in its normal form, short, and holds nothing that ends a header or a command.
/// </summary>
internal sealed class MailboxTarget : IFuzzTarget
{
    public string Name => "mailbox";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
    [
        [.. "alice@example.org"u8], [.. "a@b"u8], [.. " A.b+c-d_e!#$%&'*/=?^`{|}~@Mail-1.Example.ORG\t"u8],
    ];

    public void Execute(byte[] input)
    {
        if (!EmailAddress.TryParse(Encoding.Latin1.GetString(input), out var mailbox)) return;
        var text = mailbox.ToString();
        if (!EmailAddress.TryParse(text, out var again) || again != mailbox || again.ToString() != text)
            throw new FuzzFindingException("is not its own normal form");
        if (text.Length > EmailAddress.Longest || text.Any(c => c is <= ' ' or >= '\u007f' or '<' or '>' or ',' or '"'))
            throw new FuzzFindingException("holds what no mailbox here may hold");
    }

    public long AllocationBound(int inputLength) => (16 * 1024) + (16L * inputLength);
}
