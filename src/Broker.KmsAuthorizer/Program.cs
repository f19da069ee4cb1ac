using System.Net;
using Broker.Foundation.Settings;
using Broker.KmsAuthorizer;
using Broker.KmsAuthorizer.Configuration;

if (args.Any(argument => argument is "--help" or "-h"))
{
    await Console.Out.WriteAsync(Usage.Text);
    return 0;
}

try
{
    var settings = AuthorizerSettings.Read(args, BootEnvironment.OfProcess());
    await using var authorizer = AuthorizerApplication.Build(settings);
    try
    {
        await authorizer.StartAsync();
    }
    catch (Exception unbound) when (unbound is IOException or System.Net.Sockets.SocketException)
    {
        // Kestrel's way to say that the address is taken or not ours.
        throw BootFailException.At(
            Variables.Port, new IPEndPoint(settings.Bind, settings.Port).ToString(), unbound.Message);
    }

    await authorizer.WaitForShutdownAsync();
    return 0;
}
catch (BootFailException fail)
{
    await Console.Error.WriteLineAsync(fail.Line);
    return 1;
}
