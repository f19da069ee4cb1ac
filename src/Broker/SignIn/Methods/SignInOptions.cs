using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.SignIn.Methods;

/// <summary>Which ways to sign in are offered; the modules of the others map no routes.</summary>
internal sealed record SignInOptions(IReadOnlySet<string> Methods)
{
    public static readonly Setting<string[]> AuthMethods = new("BROKER_AUTH_METHODS", "Sign-in",
        "Ways to sign in that are offered.", List)
    {
        Default = SignInMethod.WalletSignature,
        Form = $"comma list of {string.Join(", ", SignInMethod.All)}",
        Anchor = "auth-methods",
    };

    /// <param name="method">One of <see cref="SignInMethod"/>.</param>
    public bool Offers(string method) => Methods.Contains(method);

    public static SignInOptions Read(BootEnvironment boot)
    {
        var methods = boot.Read(AuthMethods);
        if (methods.Length == 0) throw boot.Fail(AuthMethods, "names no way to sign in");
        return methods.FirstOrDefault(one => !SignInMethod.All.Contains(one)) is { } unknown
            ? throw boot.Fail(AuthMethods, $"\"{unknown}\" is not a method of this broker")
            : new SignInOptions(methods.ToHashSet(StringComparer.Ordinal));
    }
}
