using System.Reflection;

namespace Broker.Kms.Lifecycle;

/// <summary>How this build names itself to clients and to the webhook.</summary>
internal static class KmsVersion
{
    /// <summary>Such as <c>0.1.0</c>.</summary>
    public static readonly string Number = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    /// <summary>
    /// The value of <c>X-App-Version</c>, in dstack's form; a build that does not know its commit says zeros.
    /// </summary>
    public static readonly string Header = $"v{Number} (git:{Commit()})";

    private static string Commit()
    {
        const int digits = 20;
        var full = Assembly.GetExecutingAssembly()
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var commit = full[(full.IndexOf('+', StringComparison.Ordinal) + 1)..];
        return full.Contains('+', StringComparison.Ordinal) && commit.Length >= digits
            ? commit[..digits]
            : new string('0', digits);
    }
}
