using System.Globalization;

namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>
/// Which block a decision is read from: a tag that the node resolves (<c>finalized</c>, <c>safe</c>), or a number of
/// blocks below the newest, for chains whose nodes know no finality. What a reorganisation can undo is no ground to
/// release keys.
/// </summary>
internal abstract record BlockChoice
{
    private const ulong MaxConfirmations = 1_000_000;

    private BlockChoice() { }

    /// <summary>The block that the node itself calls by this tag.</summary>
    public sealed record Tagged(string Tag) : BlockChoice;

    /// <summary>So many blocks below the newest; 0 is the newest itself.</summary>
    public sealed record Below(ulong Confirmations) : BlockChoice;

    public static bool TryParse(string text, out BlockChoice choice)
    {
        choice = new Tagged("finalized");
        if (text is "finalized") return true;
        if (text is "safe")
        {
            choice = new Tagged("safe");
            return true;
        }

        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var confirmations)) return false;
        choice = new Below(confirmations);
        return confirmations <= MaxConfirmations;
    }
}
