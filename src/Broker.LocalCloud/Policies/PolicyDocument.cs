using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Broker.LocalCloud.Policies;

/// <summary>What a policy says to a request: an explicit denial, and the closest allowance.</summary>
internal readonly record struct PolicyVerdict(bool Denies, PrincipalMatch AllowsAs)
{
    public bool Allows => AllowsAs != PrincipalMatch.None;
}

/// <summary>A parsed policy, ready to be asked.</summary>
internal sealed record PolicyDocument(IReadOnlyList<PolicyStatement> Statements)
{
    /// <summary>Reads a policy of IAM's JSON grammar.</summary>
    /// <param name="fault">Says what is wrong, for people; empty when the policy is good.</param>
    public static bool TryParse(
        string text, PolicyKind kind, [NotNullWhen(true)] out PolicyDocument? policy, out string fault)
    {
        try
        {
            policy = PolicyReader.Read(text, kind);
            fault = "";
            return true;
        }
        catch (Exception wrong) when (wrong is FormatException or JsonException)
        {
            policy = null;
            fault = wrong.Message;
            return false;
        }
    }

    public PolicyVerdict Ask(AccessRequest request)
    {
        var allowsAs = PrincipalMatch.None;
        foreach (var statement in Statements)
        {
            var match = statement.Applies(request);
            if (match == PrincipalMatch.None) continue;
            if (!statement.Allows) return new(true, PrincipalMatch.None);
            if (match > allowsAs) allowsAs = match;
        }

        return new(false, allowsAs);
    }
}
