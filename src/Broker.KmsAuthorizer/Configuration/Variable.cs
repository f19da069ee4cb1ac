namespace Broker.KmsAuthorizer.Configuration;

/// <summary>
/// One setting: an environment variable of ours, and the name that the reference authorizers gave it.
/// </summary>
/// <param name="Name">Our name. It wins where both are set.</param>
/// <param name="ReferenceName">What auth-simple or auth-eth call it, so that their environment files keep
/// working.</param>
/// <param name="Default">The text assumed where neither is set; null where there is none.</param>
/// <param name="Meaning">What it does, its bounds and units, for <c>--help</c>.</param>
/// <param name="Form">The accepted form and bounds, in words; said where a value is refused.</param>
internal sealed record Variable(string Name, string? ReferenceName, string? Default, string Meaning, string Form)
{
    /// <summary>True when the value must not be repeated on a terminal or in a log.</summary>
    public bool IsSecret { get; init; }
}
