namespace Broker.SignIn.Wallet;

/// <summary>
/// The resource by which a sign-in message names the client that it is for, <c>urn:agentkeys:client:&lt;id&gt;</c>. Our
/// own messages carry it; a message that a client wrote need not, but may not name another.
/// </summary>
internal static class ClientResource
{
    /// <summary>Scheme and namespace of a URN have no case (RFC 8141 §3.1).</summary>
    private const string Namespace = "urn:agentkeys:";

    private const string Kind = "client:";

    public static string Of(string clientId) => Namespace + Kind + clientId;

    /// <summary>
    /// Whether the resource names a client, in whatever spelling, and not this one. Percent-encoded characters count as
    /// what they stand for.
    /// </summary>
    public static bool NamesAnother(string resource, string clientId)
    {
        var plain = Uri.UnescapeDataString(resource);
        if (!plain.StartsWith(Namespace, StringComparison.OrdinalIgnoreCase)) return false;
        var named = plain[Namespace.Length..];
        return named.StartsWith(Kind, StringComparison.OrdinalIgnoreCase)
            && (!named.StartsWith(Kind, StringComparison.Ordinal) || named[Kind.Length..] != Uri.UnescapeDataString(clientId));
    }
}
