using Broker.Ledger.Tests.Faults;

// The test host loads this assembly as a library; run as a program it is the process that the crash tests kill.
return await AppendingProcess.RunAsync(args);
