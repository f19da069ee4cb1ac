namespace Broker.Configuration;

/// <summary>How every host of this process begins.</summary>
internal static class ProcessBuilder
{
    /// <summary>
    /// Settings come from the environment alone. No file of the framework's is watched for changes: each watch takes one
    /// of the 128 inotify instances of a user, and a start that gets none fails.
    /// </summary>
    public static WebApplicationBuilder New() => WebApplication.CreateSlimBuilder(new WebApplicationOptions
    {
        ApplicationName = "Broker",
        Args = ["--hostBuilder:reloadConfigOnChange=false"],
    });
}
