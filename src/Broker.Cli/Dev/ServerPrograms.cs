using System.Diagnostics;
using Broker.Cli.Terminal;

namespace Broker.Cli.Dev;

/// <summary>
/// Where the broker and the local cloud are: beside <c>brokerctl</c> in an archive, else where a checkout built them.
/// </summary>
internal static class ServerPrograms
{
    private static readonly string[] Kept = ["PATH", "HOME", "DOTNET_ROOT"];

    /// <summary>The command of a server's process.</summary>
    /// <param name="folder">Its folder beside <c>brokerctl</c> in an archive: <c>broker</c>, <c>localcloud</c>.</param>
    /// <param name="project">Its folder under <c>src</c>, which is also its program's name.</param>
    /// <exception cref="CommandFailedException">It is nowhere.</exception>
    public static string[] Find(string folder, string project)
    {
        var beside = Path.Combine(AppContext.BaseDirectory, folder, project);
        if (File.Exists(beside)) return [beside];
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            if (!File.Exists(Path.Combine(place.FullName, "Broker.sln"))) continue;
            if (Newest(Path.Combine(place.FullName, "src", project, "bin"), project) is { } built)
                return [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", built];
            throw new CommandFailedException(
                $"{project} is not built; run: dotnet build {Path.Combine(place.FullName, "src", project)}");
        }

        throw new CommandFailedException(
            $"{beside} is not there: brokerctl dev needs the archive with broker and local cloud "
            + "(agentkeys-broker-…), or a checkout in which they are built");
    }

    /// <summary>A process that inherits nothing but where it finds programs, and writes to a log file.</summary>
    public static Process Start(
        string[] command, string log, string folder, IEnumerable<(string Name, string Value)> settings)
    {
        // The shell opens the log and becomes the program: no pipe ends when brokerctl does.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "log=$0; exec \"$@\" >>\"$log\" 2>&1 </dev/null", log, .. command])
        {
            WorkingDirectory = folder,
        };
        var kept = Kept
            .Select(name => (name, value: Environment.GetEnvironmentVariable(name)))
            .Where(one => one.value is not null).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in kept) start.Environment[name] = value;
        foreach (var (name, value) in settings) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>What a plain build made. One for a platform, deeper down, may bring .NET along; dotnet runs none.</summary>
    private static string? Newest(string bin, string project) => Directory.Exists(bin)
        ? Directory.EnumerateDirectories(bin)
            .SelectMany(Directory.EnumerateDirectories)
            .Select(framework => Path.Combine(framework, $"{project}.dll"))
            .Where(File.Exists)
            .MaxBy(File.GetLastWriteTimeUtc)
        : null;
}
