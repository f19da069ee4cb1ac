using Broker.Cryptography;

namespace Broker.SignIn.Passkey;

/// <summary>Challenges that wait. Whatever changes one is durable when the call returns.</summary>
internal interface ICeremonies
{
    void Add(Ceremony ceremony);

    /// <summary>
    /// Takes the challenge: the first caller gets it, every later one null, also across restarts. Unknown, used and
    /// expired look alike.
    /// </summary>
    Ceremony? Take(Sha256Digest challenge, bool isRegistration);
}
