# SPDX-License-Identifier: Apache-2.0
# What: hashes, sorting, regular expressions, fork, sockets, signals, storable data
# Packages: perl
# Needs: command -v perl
# Quick: yes
# Limit: 60
program() {
  cat >script.pl <<'P'
use strict; use warnings;
use IO::Socket::INET; use POSIX ":sys_wait_h"; use Storable qw(dclone freeze thaw);
use List::Util qw(sum shuffle reduce); use Digest::SHA qw(sha256_hex); use Data::Dumper;
$Data::Dumper::Sortkeys = 1;
my %h = map { ($_ => [$_, { deep => "x" x ($_ % 50) }]) } 1 .. 20000;
print scalar(keys %h), " ", sum(map { length $h{$_}[1]{deep} } keys %h), "\n";
print sha256_hex(join ",", sort { $a cmp $b } keys %h), "\n";
my $text = join " ", map { "word$_" } 1 .. 5000;
my $count = () = $text =~ /(?<w>w\w+?)(\d)\2/g; print "$count\n";
print length(freeze(dclone([1 .. 5000]))), "\n";
my @kids;
for my $n (1 .. 12) { my $pid = fork // die; if (!$pid) { my @x = map { "$_" } 1 .. 1000; exit $n } push @kids, $pid }
my $sum = 0; for (@kids) { waitpid $_, 0; $sum += WEXITSTATUS($?) } print "kids $sum\n";
my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1") or die;
if (!fork) { my $c = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $server->sockport); print $c "hello\n"; exit }
my $client = $server->accept; print "got ", scalar <$client>; wait;
$SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 10; }; print $@;
print Dumper(thaw(freeze({ a => [1, 2, { b => undef }] })));
eval { die { code => 42 } }; print $@->{code}, "\n";
exit 9;
P
  perl script.pl
}
