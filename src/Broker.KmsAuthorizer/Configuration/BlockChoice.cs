using System.Globalization;

namespace Broker.KmsAuthorizer.Configuration;

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

    /// <exception cref="FormatException">It is neither a tag nor a number of blocks.</exception>
    public static BlockChoice Parse(string text) => text switch
    {
        "finalized" or "safe" => new Tagged(text),
        _ when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var confirmations)
            && confirmations <= MaxConfirmations => new Below(confirmations),
        _ => throw new FormatException("must be a tag or a number of blocks"),
    };
}
