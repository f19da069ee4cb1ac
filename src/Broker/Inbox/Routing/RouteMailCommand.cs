using System.CommandLine;
using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using Broker.AwsAccount;
using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.LedgerHosting;

namespace Broker.Inbox.Routing;

/// <summary>
/// <c>route-mail --bucket B [--once]</c>: files inbound mail under the wallets' prefixes, for a host without a Lambda.
/// One line of JSON a round on standard output, <c>{"routed":N,"skipped":M}</c>; faults on standard error. Without
/// <c>--once</c> it looks every ten seconds, through faults too, until SIGTERM or Ctrl-C.
/// </summary>
internal static class RouteMailCommand
{
    private const int Failed = 1;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(30);

    public static Command Create(BootEnvironment boot)
    {
        var bucket = new Option<string>("--bucket") { Description = "The mail bucket.", Required = true };
        bucket.Validators.Add(given =>
        {
            try
            {
                BucketNames.Parse(given.GetValueOrDefault<string>() ?? "");
            }
            catch (FormatException wrong)
            {
                given.AddError($"--bucket {wrong.Message}");
            }
        });
        var once = new Option<bool>("--once") { Description = "One round, for a timer; otherwise every ten seconds." };
        var command = new Command(
            "route-mail",
            "Copy messages from inbound/ to bots/<wallet>/inbound/, by the AWS SDK's default credential chain.")
        {
            bucket, once,
        };
        command.SetAction((parsed, stop) =>
            RunAsync(boot, parsed.GetRequiredValue(bucket), parsed.GetValue(once), stop));
        return command;
    }

    private static async Task<int> RunAsync(BootEnvironment boot, string bucket, bool once, CancellationToken stop)
    {
        try
        {
            using var s3 = Connect(boot);
            var router = new MailRouter(s3, bucket);
            while (true)
            {
                var succeeded = await RoundAsync(router, stop);
                if (once) return succeeded ? 0 : Failed;
                await Task.Delay(Pause, stop);
            }
        }
        catch (BootFailException fail)
        {
            await Console.Error.WriteLineAsync(fail.Line);
            return Failed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static async Task<bool> RoundAsync(MailRouter router, CancellationToken stop)
    {
        try
        {
            var round = await router.RunAsync(stop);
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $$"""{"routed":{{round.Routed}},"skipped":{{round.Skipped}}}"""));
            return true;
        }
        catch (AmazonServiceException refused) when (refused.StatusCode != 0)
        {
            await Console.Error.WriteLineAsync($"route-mail: S3 refused: {AwsErrorCode.Of(refused.ErrorCode)}");
        }
        catch (Exception lost) when (!stop.IsCancellationRequested && lost is AmazonClientException
            or AmazonServiceException or HttpRequestException or IOException or TimeoutException
            or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("route-mail: no AWS credentials, or S3 could not be reached");
        }

        return false;
    }

    private static AmazonS3Client Connect(BootEnvironment boot)
    {
        var config = S3Clients.Configure(
            boot.Read(AwsAccountSettings.Region), boot.ReadOptional(LedgerSettings.S3Endpoint));
        config.Timeout = LongestCall;
        return new AmazonS3Client(config);
    }
}
