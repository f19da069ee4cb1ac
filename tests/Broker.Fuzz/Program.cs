using System.Collections.Concurrent;
using System.CommandLine;
using Broker.Fuzz;
using Broker.Fuzz.Targets;

IFuzzTarget[] all =
[
    new QuoteTarget(), new CertificateTarget(), new RevocationListTarget(), new PemChainTarget(), new TcbInfoTarget(),
    new QeIdentityTarget(), new CollateralJsonTarget(), new VerifierTarget(), new AttestationTarget(),
    new EventLogJsonTarget(), new CcEventLogTarget(), new CompressedEventLogTarget(), new AppInfoTarget(),
    new VmConfigTarget(), new CsrTarget(), new CsrKeyTarget(), new RaTlsTarget(), new SignatureDerTarget(),
    new SignedNoteTarget(), new WitnessRequestTarget(), new ReceiptTarget(), new PolicyTarget(),
    new ImageArchiveTarget(), new ImageManifestTarget(), new ImageMeasurementTarget(), new FirmwareTarget(),
    new KernelTarget(), new PrpcProtobufTarget(), new PrpcJsonTarget(), new SiweTarget(), new TimeTarget(),
    new MailboxTarget(), new MailFeedbackTarget(), new InboundMailTarget(),
    new CanonicalJsonTarget(), new BearerTarget(), new ForeignTokenTarget(), new ForwardedAddressTarget(),
    new SnpReportTarget(), new SnpCertificateTarget(), new SnpLaunchTarget(),
];

var executions = new Option<long>("--executions")
{
    Description = "In all, shared out by weight",
    DefaultValueFactory = _ => 100_000,
};
var seed = new Option<int>("--seed")
{
    Description = "The same seed gives the same inputs",
    DefaultValueFactory = _ => 1,
};
var targets = new Option<string[]>("--target") { Description = "Only these; may be given more than once" };
var findings = new Option<string>("--findings")
{
    Description = "Where inputs that found something are kept",
    DefaultValueFactory = _ => "TestResults/fuzz",
};
var root = new RootCommand("Feeds every decoder of foreign bytes with mutated inputs")
{
    executions, seed, targets, findings,
};
root.SetAction(parsed =>
{
    var chosen = parsed.GetValue(targets) is { Length: > 0 } names
        ? [.. all.Where(target => names.Contains(target.Name))]
        : all;
    var weights = chosen.Sum(target => target.Weight);
    var total = 0L;
    var found = 0;
    var report = new Lock();
    Console.WriteLine($"{"target",-20} {"seeds",6} {"executions",12} {"per second",11} {"worst bytes",12}");

    // One target per core at a time; a line as soon as a target is through.
    var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
    Parallel.ForEach(Partitioner.Create(chosen, EnumerablePartitionerOptions.NoBuffering), parallel, target =>
    {
        var share = Math.Max(1, parsed.GetValue(executions) * target.Weight / weights);
        var result = new FuzzRun(target, parsed.GetValue(seed), parsed.GetRequiredValue(findings)).Execute(share);
        lock (report)
        {
            total += result.Executions;
            var rate = (long)(result.Executions / result.Elapsed.TotalSeconds);
            Console.WriteLine(
                $"{result.Target,-20} {result.Seeds,6} {result.Executions,12} {rate,11} {result.WorstAllocation,12}");
            if (result.Finding is null) return;
            found++;
            Console.Error.WriteLine(result.Finding);
        }
    });

    Console.WriteLine($"{"in all",-20} {"",6} {total,12}   findings: {found}");
    return found == 0 ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
