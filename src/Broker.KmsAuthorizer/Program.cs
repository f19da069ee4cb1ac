using System.Net;
using Broker.KmsAuthorizer;
using Broker.KmsAuthorizer.Configuration;

if (args.Any(argument => argument is "--help" or "-h"))
{
    await Console.Out.WriteAsync(Usage.Text);
    return 0;
}

var settings = AuthorizerSettings.Read(args, Environment.GetEnvironmentVariable);
if (settings.Value is null)
{
    foreach (var fault in settings.Faults) await Console.Error.WriteLineAsync(fault.ToString());
    return 1;
}

await using var authorizer = AuthorizerApplication.Build(settings.Value);
try
{
    await authorizer.StartAsync();
}
catch (Exception unbound) when (unbound is IOException or System.Net.Sockets.SocketException)
{
    // Kestrel's way to say that the address is taken or not ours.
    await Console.Error.WriteLineAsync(BootFault.CannotListen(
        new IPEndPoint(settings.Value.Bind, settings.Value.Port), unbound.Message).ToString());
    return 1;
}

await authorizer.WaitForShutdownAsync();
return 0;
