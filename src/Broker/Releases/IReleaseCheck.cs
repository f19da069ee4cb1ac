using Broker.Foundation.Results;

namespace Broker.Releases;

/// <summary>
/// One thing that decides whether a release may be. A mint and its dry run walk the same list of checks.
/// </summary>
internal interface IReleaseCheck
{
    /// <summary>Says what it finds, and changes nothing.</summary>
    PolicyCheck Look(MintRequest request);

    /// <summary>
    /// Takes what is good once: a place in a budget, a request id. Called when every check has passed; null when it was
    /// there to be taken.
    /// </summary>
    Refusal? Take(MintRequest request) => null;

    /// <summary>
    /// Gives back what <see cref="Take"/> took, where that can be used again. Called when nothing was released. Never
    /// throws.
    /// </summary>
    void GiveBack(MintRequest request)
    {
    }
}

/// <summary>One thing that policy looks at, and what it found; <see cref="Refusal"/> is null when it passed.</summary>
internal readonly record struct PolicyCheck(string Name, string Found, Refusal? Refusal = null)
{
    public static PolicyCheck Refused(string name, RefusalCode code, string why) =>
        new(name, why, new Refusal(code, why));
}
