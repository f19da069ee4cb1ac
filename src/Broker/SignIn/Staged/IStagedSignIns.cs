using Broker.Cryptography;

namespace Broker.SignIn.Staged;

/// <summary>
/// Where sign-ins wait: pending, then verified or failed. Whatever changes one is durable when the call returns.
/// </summary>
internal interface IStagedSignIns
{
    void Add(StagedSignIn signIn);

    /// <summary>The sign-in that this proof would finish now. Takes nothing.</summary>
    StagedSignIn? FindOpen(string method, Sha256Digest proof);

    /// <summary>
    /// Takes the proof: the first caller gets the sign-in, every later one null, also across restarts. Unknown, used
    /// and expired look alike. The caller settles it.
    /// </summary>
    StagedSignIn? Take(string method, Sha256Digest proof);

    /// <summary>Ends a sign-in that was taken.</summary>
    void Settle(StagedSignIn taken, StagedResult result);

    /// <summary>
    /// Takes the proof and ends the sign-in, both or neither. Null as with <see cref="Take"/>, and where the sign-in is
    /// not that of <paramref name="request"/>; then nothing is taken.
    /// </summary>
    StagedSignIn? Finish(
        string method, Sha256Digest proof, Sha256Digest? request, Func<StagedSignIn, StagedResult> result);

    /// <summary>Null where there is no such request.</summary>
    StagedState? Find(string method, Sha256Digest request);
}
