namespace Broker.Kms.Configuration;

/// <summary>The forms and bounds of settings in words; <see cref="SettingValue"/> reads them.</summary>
internal static class Forms
{
    public const string Switch = "true or false";
    public const string Port = "0 to 65535; 0 lets the system choose";
    public const string Address = "an IP address";
    public const string Url = "http(s)://host[:port][/path]";
    public const string Agent = "unix:/path of at most 107 bytes, or http(s)://host[:port]";
    public const string Path = "a path";
    public const string SecretFile = "path of a file that only its owner may read (mode 0600)";
    public const string Program = "an absolute path or a bare name";
    public const string Text = "at most 256 printable characters";
    public const string Domain = "a DNS name of at most 253 characters";
    public const string HostNames = "comma list of host names without port, or *";
    public const string Duration = "a number with ms, s, m or h, above 0 and at most 24h; without a unit seconds";
    public const string Token = "at least 32 characters";
    public const string Sha256 = "64 hex digits";
    public const string AuthApi = "webhook or dev";
}
