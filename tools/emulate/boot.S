/*
 * Boots a Linux kernel in Bochs from an option ROM, without a boot loader.
 *
 * The BIOS calls the ROM at the end of its self-test, in real mode. The ROM switches to flat 32-bit mode, copies
 * .ram to where it runs, reads the kernel and its initial file system from the first disk, and enters the kernel by the
 * 32-bit boot protocol (Documentation/x86/boot.rst in the kernel's source): %esi points to the zero page below.
 *
 * Symbols given to the assembler: KERNEL_BLOCKS and INITRD_BLOCKS, in 256 sectors of the disk, where one follows the other,
 * INITRD_SIZE in bytes, MEMORY_SIZE in bytes.
 * Files it includes: "vmlinuz", for the kernel's setup header, and "cmdline", its command line.
 */
        .set    KERNEL_ADDRESS, 0x00100000
        .set    RAM_ADDRESS,    0x0f000000      /* above what the kernel needs to unpack itself */
        .set    INITRD_ADDRESS, 0x10000000

        .section .rom, "awx"
rom:    .byte   0x55, 0xaa, ROM_BLOCKS          /* signature; length in units of 512 bytes */
        .code16
        cli
        cld
        lgdtl   %cs:(gdt_pointer - rom)
        inb     $0x92, %al                      /* address line A20 on */
        orb     $2, %al
        andb    $0xfe, %al
        outb    %al, $0x92
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $0x10, $flat

        .code32
flat:   movl    $0x18, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    $ram_image, %esi
        movl    $RAM_ADDRESS, %edi
        movl    $(RAM_SIZE / 4), %ecx
        rep movsl
        movl    $entry, %eax
        jmp     *%eax

        .balign 8
gdt:    .quad   0, 0
        .quad   0x00cf9a000000ffff              /* 0x10: code, flat */
        .quad   0x00cf92000000ffff              /* 0x18: data, flat */
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt
        .balign 512
ram_image:                                      /* .ram follows in the file */

        .section .ram, "awx"
        .code32
ram:
entry:  movl    $stack, %esp
        xorl    %ebx, %ebx                      /* the next sector */
        movl    $KERNEL_ADDRESS, %edi
        movl    $KERNEL_BLOCKS, %ebp
        call    read_disk
        movl    $INITRD_ADDRESS, %edi
        movl    $INITRD_BLOCKS, %ebp
        call    read_disk
        movl    $zero_page, %esi
        xorl    %ebx, %ebx
        xorl    %ebp, %ebp
        xorl    %edi, %edi
        movl    $KERNEL_ADDRESS, %eax
        jmp     *%eax

/* Reads %ebp blocks of 256 sectors, from sector %ebx of the first ATA disk on, to %edi. */
read_disk:
        movl    $0x1f2, %edx
        xorl    %eax, %eax                      /* sectors to read: 0 stands for 256 */
        outb    %al, %dx
        incl    %edx
        movl    %ebx, %eax
        outb    %al, %dx
        incl    %edx
        shrl    $8, %eax
        outb    %al, %dx
        incl    %edx
        shrl    $8, %eax
        outb    %al, %dx
        incl    %edx
        movb    $0xe0, %al                      /* the first disk, addressed by sector number */
        outb    %al, %dx
        incl    %edx
        movb    $0x20, %al                      /* READ SECTORS */
        outb    %al, %dx
        movl    $256, %eax
        addl    %eax, %ebx
        movl    %eax, %esi
1:      movl    $0x1f7, %edx
2:      inb     %dx, %al
        testb   $0x80, %al                      /* busy */
        jnz     2b
        testb   $0x08, %al                      /* data there */
        jz      2b
        movl    $0x1f0, %edx
        movl    $128, %ecx
        rep insl
        decl    %esi
        jnz     1b
        decl    %ebp
        jnz     read_disk
        ret

        .balign 4096
zero_page:
        .org    zero_page + 0x1e8
        .byte   2                               /* entries in the memory map */
        .org    zero_page + 0x1f1               /* the kernel's setup header, but for what a loader fills in */
        .incbin "vmlinuz", 0x1f1, 0x210 - 0x1f1
        .byte   0xff                            /* type_of_loader: none of the registered ones */
        .incbin "vmlinuz", 0x211, 0x218 - 0x211
        .long   INITRD_ADDRESS                  /* ramdisk_image */
        .long   INITRD_SIZE                     /* ramdisk_size */
        .incbin "vmlinuz", 0x220, 0x228 - 0x220
        .long   command_line                    /* cmd_line_ptr */
        .incbin "vmlinuz", 0x22c, 0x268 - 0x22c
        .org    zero_page + 0x2d0               /* the memory map: address, size, type (1: RAM) */
        .quad   0, 0x9fc00
        .long   1
        .quad   0x100000, MEMORY_SIZE - 0x100000
        .long   1
        .org    zero_page + 0x1000
command_line:
        .incbin "cmdline"
        .byte   0
        .balign 4096
stack:  .balign 2048
        .set    RAM_SIZE, . - ram
        .set    ROM_BLOCKS, 1 + RAM_SIZE / 512 + 4
        .skip   2048                            /* the checksum goes into the last byte */
